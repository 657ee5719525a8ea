"""What an import kind declares: its columns, and what a row must be."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import tablib
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models.fields import NOT_PROVIDED
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from import_export import resources
from import_export.fields import Field
from import_export.instance_loaders import BaseInstanceLoader
from import_export.results import RowResult

from config.shared.imports.files import Line
from config.shared.imports.values import CellError, Day, Moment, Number, Text, Value, Whole, YesNo

ROW = "__row__"
BATCH = 500
MOST_SAMPLES = 100
PROGRESS_EVERY = 50


@dataclass(frozen=True)
class Column:
    """One column that a file may have.

    ``field`` is the name in the exported file and of the model's attribute (``attribute`` if that differs).
    ``aliases`` are other headers people use, in any language; ``hint`` says what belongs in it. A column with a
    ``permission`` exists only for those who hold it. ``value`` is how a cell is read; without it the model's field
    decides.
    """

    field: str
    label: str | Promise
    aliases: tuple[str, ...] = ()
    required: bool = False
    hint: str | Promise = ""
    attribute: str = ""
    permission: str = ""
    value: Value | None = None


@dataclass
class Problem:
    """One cell that cannot be taken. ``row`` as a spreadsheet counts; 0 for the file as a whole."""

    row: int
    field: str
    expected: str
    got: str


@dataclass
class Sample:
    """One row as the preview shows it; ``changes`` are (label, before, after)."""

    row: int
    label: str
    is_new: bool
    changes: list[tuple[str, str, str]] = field(default_factory=list)


class KeyedLoader(BaseInstanceLoader):
    """Finds the existing records of all rows in a few queries, locked against others while the import runs."""

    def __init__(self, resource: "ImportResource", dataset: tablib.Dataset) -> None:
        super().__init__(resource, dataset)
        self.found = {resource.key_of(each): each for each in resource.existing(dataset)}

    def get_instance(self, row: dict[str, Any]) -> models.Model | None:
        return self.found.get(self.resource.key_in(row))


class ImportResource(resources.ModelResource):
    """A kind of record that can be imported: give it ``Meta.model``, ``Meta.import_id_fields`` and ``columns``.

    Hooks: ``existing_queryset`` (select_related for comparing), ``check`` (rules of a row), ``default`` (values of a
    new record), ``prepare_instance`` (before it is saved), ``after_batch`` (records with keys), ``finish`` (after all
    rows), ``notes`` (sentences for the preview).
    """

    columns: tuple[Column, ...] = ()

    class Meta:
        use_bulk = True
        batch_size = BATCH
        skip_diff = True
        skip_unchanged = True
        report_skipped = False
        instance_loader_class = KeyedLoader

    def __init__(self, *, user: Any = None, at: Any = None, progress: Callable[[int, int], None] | None = None) -> None:
        super().__init__()
        self.user, self.at, self.progress = user, at, progress
        self.fields = {column.field: self._field(column) for column in self.visible_columns(user)}
        self.labels = {column.field: column.label for column in self.columns}
        self.required = {column.field for column in self.columns if column.required}
        self.mapped: list[str] = []
        self.problems: list[Problem] = []
        self.samples: list[Sample] = []
        self.totals = {"new": 0, "changed": 0, "unchanged": 0}
        self._seen: dict[Any, int] = {}
        self._before: dict[str, Any] = {}
        self._to_update: set[str] = set()

    # --- the columns -------------------------------------------------------------------------------------
    @classmethod
    def visible_columns(cls, user: Any) -> list[Column]:
        """The columns this person may read and write; all for a command (no user)."""
        return [each for each in cls.columns if not each.permission or user is None or user.has_perm(each.permission)]

    def _field(self, column: Column) -> Field:
        attribute = column.attribute or column.field
        value = deepcopy(column.value) if column.value is not None else self._value_of(attribute)
        clears = self._clears(attribute)
        return Field(
            attribute=attribute,
            column_name=column.field,
            widget=value,
            saves_null_values=clears,
            default="" if clears and isinstance(value, Text) else NOT_PROVIDED,
        )

    def _value_of(self, attribute: str) -> Value:
        model_field = self._meta.model._meta.get_field(attribute)
        if model_field.choices:
            raise TypeError(f"Give column {attribute} a Choice(...) value.")
        for kind, make in VALUES.items():
            if isinstance(model_field, kind):
                return make(model_field)
        raise TypeError(f"Give column {attribute} a value.")

    def _clears(self, attribute: str) -> bool:
        """Does an empty cell clear it? What must have a value keeps the one it has."""
        try:
            model_field = self._meta.model._meta.get_field(attribute)
        except FieldDoesNotExist:
            return True
        is_text = isinstance(model_field, models.CharField | models.TextField)
        return bool(model_field.blank if is_text and not model_field.choices else model_field.null)

    # --- before the first row ----------------------------------------------------------------------------
    def dataset(self, lines: list[Line], mapping: dict[int, str]) -> tablib.Dataset:
        """The rows with our column names; ``mapping`` says which field the file's column (from 0) holds."""
        self.mapped = list(mapping.values())
        data = tablib.Dataset(headers=[*self.mapped, ROW])
        for line in lines:
            cells = line.cells
            data.append([*(cells[at] if at < len(cells) else "" for at in mapping), line.number])
        return data

    def before_import(self, dataset: tablib.Dataset, **kwargs: Any) -> None:
        for name in self.mapped:
            self.fields[name].widget.prepare(dataset[name], user=self.user)

    def existing_queryset(self) -> models.QuerySet[Any]:
        """The records a row may change, with their related ones."""
        names = [each.attribute for each in self.fields.values()]
        model_fields = {each.name for each in self._meta.model._meta.fields if each.is_relation}
        return self._meta.model._base_manager.select_related(*[each for each in names if each in model_fields])

    def export_queryset(self, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        """Prefetch what the columns need beyond foreign keys."""
        return queryset

    def existing(self, dataset: tablib.Dataset) -> Iterator[models.Model]:
        first = self.fields[self._meta.import_id_fields[0]]
        wanted = {value for row in dataset.dict if (value := self._quietly(first, row)) not in (None, "")}
        ordered = sorted(wanted, key=lambda each: each.pk if isinstance(each, models.Model) else each)
        for start in range(0, len(ordered), 5_000):
            some = ordered[start : start + 5_000]
            queryset = self.existing_queryset().filter(**{f"{first.attribute}__in": some}).order_by("pk")
            yield from queryset.select_for_update(of=("self",))

    def _quietly(self, column: Field, row: dict[str, Any]) -> Any:
        try:
            return column.clean(row)
        except ValueError:
            return None

    def key_of(self, instance: Any) -> tuple[Any, ...]:
        return tuple(self.fields[name].get_value(instance) for name in self._meta.import_id_fields)

    def key_in(self, row: dict[str, Any]) -> tuple[Any, ...]:
        return tuple(
            self._quietly(self.fields[name], row) if name in row else None for name in self._meta.import_id_fields
        )

    # --- one row -----------------------------------------------------------------------------------------
    def before_import_row(self, row: dict[str, Any], **kwargs: Any) -> None:
        self._before = {}
        key = self.key_in(row)
        earlier = self._seen.setdefault(key, row[ROW])
        if earlier != row[ROW] and all(each not in (None, "") for each in key):
            name = self._meta.import_id_fields[0]
            expected = _("each %(what)s once; it is in row %(row)d already")
            self._problem(row, name, expected % {"what": self.labels[name], "row": earlier})
            raise ValidationError("")

    def init_instance(self, row: dict[str, Any] | None = None) -> models.Model:
        return self._meta.model(**self.default())

    def default(self) -> dict[str, Any]:
        """Values of a new record for what the file does not say."""
        return {}

    def after_init_instance(self, instance: Any, new: bool, row: Any, **kwargs: Any) -> None:
        if not new:
            self._before = {name: self.fields[name].get_value(instance) for name in self.mapped}

    def import_instance(self, instance: Any, row: dict[str, Any], **kwargs: Any) -> None:
        failed = [name for name in self.mapped if not self._import_cell(instance, row, name)]
        if failed:
            raise ValidationError(dict.fromkeys(failed, "") | {"__all__": ""})

    def _import_cell(self, instance: Any, row: dict[str, Any], name: str) -> bool:
        try:
            if name in self.required and row[name] == "":
                raise CellError(expected=_("a value"), got="")
            self.fields[name].save(instance, row)
        except CellError as error:
            self._problem(row, error.field or name, error.expected, error.got)
            return False
        return True

    def skip_row(self, instance: Any, original: Any, row: dict[str, Any], import_validation_errors: Any = None) -> bool:
        if import_validation_errors or not self._before:
            return False
        changed = [name for name in self.mapped if self.fields[name].get_value(instance) != self._before[name]]
        if not changed:
            self.totals["unchanged"] += 1
            return True
        self._to_update |= {self.fields[name].attribute for name in changed}
        self._sample(instance, row, [self._change(name, instance) for name in changed])
        return False

    def validate_instance(
        self, instance: Any, import_validation_errors: Any = None, validate_unique: bool = True
    ) -> None:
        failed = set(import_validation_errors or ())
        if not failed:
            failed = self._failed_checks(instance)
        if failed:
            raise ValidationError("")

    def _failed_checks(self, instance: Any) -> set[str]:
        row = self._row
        try:
            self.prepare_instance(instance, is_new=not self._before)
            self._check_relations(instance)
            instance.clean_fields(exclude=self._relations())
            self.check(instance, row, before=self._before)
        except CellError as error:
            self._problem(row, error.field, error.expected, error.got)
            return {error.field}
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                self._problem(row, self._column_of(name), " ".join(messages))
            return set(error.message_dict)
        return set()

    def _relations(self) -> set[str]:
        """Looked up already; asking again would cost a query per row."""
        return {each.name for each in self._meta.model._meta.fields if each.is_relation}

    def _check_relations(self, instance: Any) -> None:
        for each in self._meta.model._meta.fields:
            if each.is_relation and not each.null and getattr(instance, each.attname) is None:
                raise CellError(expected=_("a value"), got="", field=self._column_of(each.name))

    def _column_of(self, attribute: str) -> str:
        return next((name for name, each in self.fields.items() if each.attribute == attribute), attribute)

    def check(self, instance: Any, row: dict[str, Any], *, before: dict[str, Any]) -> None:
        """Rules of one row beyond its cells: raise CellError with its field. ``before`` is empty for a new record."""

    def prepare_instance(self, instance: Any, *, is_new: bool) -> None:
        """Last changes before the record is checked and saved."""

    def import_row(self, row: dict[str, Any], instance_loader: Any, **kwargs: Any) -> RowResult:
        self._row = row
        result = super().import_row(row, instance_loader, **kwargs)
        for error in result.errors:
            raise error.error  # a fault of ours, not of the file: never hidden
        number = kwargs["row_number"]
        if self.progress is not None and number % PROGRESS_EVERY == 0:
            self.progress(number, 0)
        return result

    def before_save_instance(self, instance: Any, row: dict[str, Any], **kwargs: Any) -> None:
        if self._before:
            self.totals["changed"] += 1
        else:
            self.totals["new"] += 1
            self._sample(instance, row, [self._first(name, instance) for name in self.mapped])

    # --- a batch of rows ---------------------------------------------------------------------------------
    def bulk_create(self, *args: Any, **kwargs: Any) -> None:
        self._save(self.create_instances, is_new=True)

    def bulk_update(self, *args: Any, **kwargs: Any) -> None:
        self._save(self.update_instances, is_new=False)
        self._to_update = set()

    def _save(self, instances: list[Any], *, is_new: bool) -> None:
        if not instances:
            return
        try:
            with transaction.atomic():
                self._write(instances, is_new=is_new)
        except IntegrityError as error:
            self.problems.append(Problem(0, "", _("what the database accepts"), str(error).splitlines()[0]))
        instances.clear()

    def _write(self, instances: list[Any], *, is_new: bool) -> None:
        manager = self._meta.model._base_manager
        names = self.fields_to_update(self._to_update)
        if is_new:
            manager.bulk_create(instances)
        elif names:
            # One statement for all; the rows are locked, so nothing newer is written over.
            manager.bulk_create(instances, update_conflicts=True, unique_fields=["pk"], update_fields=sorted(names))
        history = getattr(self._meta.model, "history", None)
        if history is not None:
            history.bulk_history_create(
                instances, batch_size=BATCH, update=not is_new, default_user=self.user, default_date=self.at
            )
        self.after_batch(instances, is_new=is_new)

    def fields_to_update(self, changed: set[str]) -> set[str]:
        """The model fields to write when ``changed`` attributes differ."""
        return {each.name for each in self._meta.model._meta.fields} & changed

    def after_batch(self, instances: list[Any], *, is_new: bool) -> None:
        """The records are saved and have keys."""

    # --- after the last row ------------------------------------------------------------------------------
    def after_import(self, dataset: tablib.Dataset, result: Any, **kwargs: Any) -> None:
        if not self.problems:
            self.finish()

    def finish(self) -> None:
        """What needs all records, for example one naming another of the same file."""

    def notes(self) -> list[str]:
        """Sentences the person should read before he confirms."""
        return [
            _("New %(what)s: %(names)s") % {"what": each.widget.what, "names": ", ".join(each.widget.created[:20])}
            for each in self.fields.values()
            if getattr(each.widget, "created", None)
        ]

    def handle_import_error(self, result: Any, error: Exception, raise_errors: bool = False) -> None:
        raise error

    # --- what is told ------------------------------------------------------------------------------------
    def _problem(self, row: dict[str, Any], name: str, expected: str, got: object = None) -> None:
        shown = row.get(name, "") if got is None else got
        self.problems.append(Problem(row[ROW], str(self.labels.get(name, name)), expected, str(shown)[:200]))

    def _sample(self, instance: Any, row: dict[str, Any], changes: list[tuple[str, str, str]]) -> None:
        if len(self.samples) < MOST_SAMPLES:
            self.samples.append(Sample(row[ROW], str(instance), not self._before, changes))

    def _first(self, name: str, instance: Any) -> tuple[str, str, str]:
        column = self.fields[name]
        return (str(self.labels[name]), "", str(column.widget.render(column.get_value(instance)))[:200])

    def _change(self, name: str, instance: Any) -> tuple[str, str, str]:
        column = self.fields[name]
        before, after = (column.widget.render(each) for each in (self._before[name], column.get_value(instance)))
        return (str(self.labels[name]), str(before)[:200], str(after)[:200])


VALUES: dict[type[Any], Callable[[Any], Value]] = {
    models.BooleanField: lambda _field: YesNo(),
    models.DecimalField: lambda field: Number(field.decimal_places),
    models.IntegerField: lambda _field: Whole(),
    models.DateTimeField: lambda _field: Moment(),
    models.DateField: lambda _field: Day(),
    models.CharField: lambda _field: Text(),
    models.TextField: lambda _field: Text(),
}
