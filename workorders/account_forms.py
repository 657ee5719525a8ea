"""The sign-in forms in our words; what they do is django-allauth's."""

from typing import Any

from allauth.account import forms as account_forms
from allauth.mfa.base import forms as code_forms
from allauth.mfa.totp import forms as totp_forms
from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

E_MAIL = _("E-mail")
PASSWORD = _("Password")
NEW_PASSWORD = _("New password")
NEW_PASSWORD_AGAIN = _("New password, once more")
CODE_HINT = _("Six digits from your authenticator app, or one of your recovery codes.")


def _rules() -> str:
    return " ".join(str(text) for text in password_validators_help_texts())


RULES = lazy(_rules, str)()


def reword(form: forms.Form, **labels: object) -> None:
    """Give fields our labels; a placeholder that repeats the label and a link inside the hint go."""
    for name, label in labels.items():
        field = form.fields[name]
        field.label = label  # type: ignore[assignment]
        field.help_text = ""
        field.widget.attrs.pop("placeholder", None)


class SignInForm(account_forms.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        way_out = self.fields["password"].help_text  # the link for a forgotten password
        reword(self, login=E_MAIL, password=PASSWORD)
        self.fields["password"].help_text = way_out
        self.fields["login"].widget.attrs["autocomplete"] = "username"


class ConfirmPasswordForm(account_forms.ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reword(self, password=PASSWORD)


class ChangePasswordForm(account_forms.ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reword(self, oldpassword=_("Present password"), password1=NEW_PASSWORD, password2=NEW_PASSWORD_AGAIN)
        self.fields["password1"].help_text = RULES


class ForgotPasswordForm(account_forms.ResetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reword(self, email=E_MAIL)


class NewPasswordForm(account_forms.ResetPasswordKeyForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reword(self, password1=NEW_PASSWORD, password2=NEW_PASSWORD_AGAIN)
        self.fields["password1"].help_text = RULES


class CodeForm(code_forms.AuthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reword(self, code=_("Code"))
        self.fields["code"].help_text = CODE_HINT


class ConfirmCodeForm(code_forms.ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reword(self, code=_("Code"))
        self.fields["code"].help_text = CODE_HINT


class ActivateAppForm(totp_forms.ActivateTOTPForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reword(self, code=_("Code from the app"))
