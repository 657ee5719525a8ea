"""The presentation tags draw exactly what they are told."""

from typing import Any

import pytest
from django import forms
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory

from config.shared.templatetags import face


def draw(source: str, **context: Any) -> str:
    return Template("{% load face %}" + source).render(Context(context))


class Job(forms.Form):
    part = forms.CharField(label="Part number")
    old = forms.ChoiceField(label="Old part out?", choices=[("y", "Yes"), ("n", "No")], widget=forms.RadioSelect)
    note = forms.CharField(label="Note", required=False, help_text="For the office.")


@pytest.mark.parametrize(
    ("name", "short"),
    [("Jana Novak", "JN"), ("Mia van der Berg", "MB"), ("ada", "AD"), ("陈伟", "陈伟"), ("", "?"), (None, "?")],
)
def test_initials(name: str | None, short: str):
    assert face.initials(name) == short


def test_an_icon_is_decoration_unless_named():
    assert draw('{% icon "box" %}') == (
        '<svg class="icon" aria-hidden="true"><use href="/static/icons.svg#box"></use></svg>'
    )
    assert 'role="img" aria-label="Menu"' in draw('{% icon "menu" label="Menu" %}')
    assert draw('{% icon "" %}') == ""


def test_an_arrow_turns_round_in_languages_from_the_right():
    assert "icon-flip" in draw('{% icon "chevron-left" %}')
    assert "icon-flip" not in draw('{% icon "chevron-down" %}')


def test_a_badge_says_its_state_in_words_tone_and_shape():
    assert draw('{% badge "11 days late" "bad" %}').strip().startswith('<span class="badge tone-bad"><svg')
    assert draw('{% badge "New" %}').strip() == '<span class="badge">New</span>'
    assert draw('{% badge "Odd" "pink" %}').strip() == '<span class="badge">Odd</span>'


def test_a_badge_escapes_what_people_typed():
    assert "&lt;b&gt;" in draw("{% badge words %}", words="<b>")


class TestNavigation:
    items = [{"label": str(number), "on_phone": number != 1} for number in range(8)]

    def test_the_bottom_bar_holds_five(self):
        assert [item["label"] for item in face.on_phone(self.items)] == ["0", "2", "3", "4", "5"]

    def test_the_rest_is_in_the_menu(self):
        assert [item["label"] for item in face.off_phone(self.items)] == ["1", "6", "7"]

    def test_nobody_signed_in_has_no_navigation(self):
        assert (face.on_phone(None), face.off_phone("")) == ([], [])


class TestErrors:
    def test_the_summary_says_the_words_of_the_field_and_links_to_it(self):
        form = Job({"part": "", "old": "n"})
        html = render_to_string("components/error_summary.html", {"form": form})
        assert '<a href="#id_part">Part number: This field is required.</a>' in html
        assert "Part number: This field is required." in form["part"].as_field_group()

    def test_a_question_mark_does_not_meet_a_colon(self):
        assert face.error_links(Job({"part": "x"})) == [
            {"text": "Old part out: This field is required.", "target": "id_old"}
        ]

    def test_a_sentence_of_the_domain_stays_as_it_is(self):
        form = Job({"part": "x", "old": "y"})
        form.add_error("part", "You hold 6, so you cannot use 8.")
        form.add_error(None, "The job is completed.")
        assert face.error_links(form) == [
            {"text": "The job is completed.", "target": ""},
            {"text": "You hold 6, so you cannot use 8.", "target": "id_part"},
        ]

    def test_nothing_wrong_draws_nothing(self):
        assert render_to_string("components/error_summary.html", {"form": Job()}).strip() == ""
        assert face.has_errors(Job({"part": "x", "old": "y"})) is False

    def test_a_formset_lists_the_errors_of_its_lines(self):
        lines = forms.formset_factory(Job, extra=0)
        data = {"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "0", "form-0-part": "x", "form-0-old": "y"}
        formset = lines(data | {"form-1-part": "", "form-1-old": "n"})
        assert face.error_links(formset) == [
            {"text": "Part number: This field is required.", "target": "id_form-1-part"}
        ]
        assert face.has_errors(lines()) is False


class TestField:
    def test_label_hint_and_error_belong_to_the_input(self):
        html = Job({"part": "", "note": "x"})["part"].as_field_group()
        assert '<label for="id_part">Part number</label>' in html
        assert 'id="id_part_error"' in html
        assert 'aria-describedby="id_part_error"' in html
        assert 'aria-invalid="true"' in html

    def test_the_optional_one_says_so(self):
        html = Job()["note"].as_field_group()
        assert "(optional)" in html
        assert '<div class="hint" id="id_note_helptext">For the office.</div>' in html
        assert "(optional)" not in Job()["part"].as_field_group()

    def test_radios_are_a_group_with_a_legend(self):
        html = Job()["old"].as_field_group()
        assert "<legend>Old part out?</legend>" in html
        assert html.count('type="radio"') == 2


class TestChart:
    def test_the_longest_bar_fills_the_line(self):
        chart = face.bar_chart("Used", [{"label": "A", "value": 40}, {"label": "B", "value": 10}])
        assert [bar["segments"][0]["width"] for bar in chart["bars"]] == ["100.000%", "25.000%"]

    def test_parts_stand_one_behind_the_other(self):
        parts = [{"label": "new", "tone": "good", "value": 1}, {"label": "old", "tone": "bad", "value": 3}]
        chart = face.bar_chart("Held", [{"label": "A", "parts": parts}])
        assert [(part["x"], part["width"]) for part in chart["bars"][0]["segments"]] == [
            ("0.000%", "25.000%"),
            ("25.000%", "75.000%"),
        ]
        assert chart["legend"] == [{"label": "new", "tone": "good"}, {"label": "old", "tone": "bad"}]

    @pytest.mark.parametrize(
        ("label", "short"),
        [
            ("", ""),
            ("WO-10312 · Klinikum Donaupark 12", "WO-10312 · Klinikum Donaupark 12"),
            ("WO-10312 · Klinikum Donaupark 123", "WO-10312 · Klinikum Donaupark 1…"),
            ("WO-10307 · 华光贸易中心 Huaguang Trade Centre", "WO-10307 · 华光贸易中心 Huaguan…"),
            ("电" * 17, "电" * 15 + "…"),
        ],
    )
    def test_a_long_label_ends_before_the_figure(self, label: str, short: str):
        (bar,) = face.bar_chart("Used", [{"label": label, "value": 1}])["bars"]
        assert (bar["short"], bar["label"]) == (short, label)

    def test_nothing_used_yet_divides_by_nothing(self):
        assert face.bar_chart("Used", [{"label": "A", "value": 0}])["bars"][0]["segments"][0]["width"] == "0.000%"
        assert face.bar_chart("Used", [])["bars"] == []

    def test_the_same_numbers_stand_in_a_table(self):
        html = draw("{% bar_chart 'Used' rows %}", rows=[{"label": "VLV", "value": 41, "url": "/parts/1/"}])
        assert '<th scope="row"><a href="/parts/1/">VLV</a></th>' in html
        assert '<td class="num">41</td>' in html


class NarrowForm(forms.Form):
    q = forms.CharField(required=False, label="Number")
    state = forms.ChoiceField(required=False, label="State", choices=[("", "All"), ("True", "Listed")])
    planned = forms.DateField(required=False, label="Planned from")


class TestActiveFilters:
    def told(self, query: str) -> list[dict[str, str]]:
        request = RequestFactory().get(f"/parts/?{query}")
        return face.active_filters({"request": request}, NarrowForm(request.GET))

    def test_what_is_chosen_is_said_in_words_and_taken_away_by_a_link(self):
        assert self.told("q=valve&state=True&planned=2026-03-04&page=3") == [
            {"label": "State", "text": "Listed", "url": "?q=valve&planned=2026-03-04"},
            {"label": "Planned from", "text": "4 Mar 2026", "url": "?q=valve&state=True"},
        ]

    def test_the_search_itself_is_no_chip(self):
        assert self.told("q=valve&state=&planned=") == []

    def test_what_is_not_understood_is_none(self):
        assert self.told("state=nonsense") == []
