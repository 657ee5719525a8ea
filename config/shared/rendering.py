from django.forms.renderers import TemplatesSetting


class FormRenderer(TemplatesSetting):
    """Forms use our own field, so that label, hint and error are wired for screen readers in one place."""

    field_template_name = "components/field.html"
