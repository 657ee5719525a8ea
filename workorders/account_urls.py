"""Getting in and out: only those pages of django-allauth that a closed company needs.

Left out on purpose: e-mail management (an administrator changes addresses), confirming addresses, sign-in codes
by mail, third-party accounts. What is not listed here is a 404.
"""

from allauth.account import views as account
from django.urls import include, path, re_path

from workorders.views import people

urlpatterns = [
    path("accounts/login/", people.SignInView.as_view(), name="account_login"),
    path("accounts/logout/", account.logout, name="account_logout"),
    path("accounts/inactive/", account.account_inactive, name="account_inactive"),
    path("accounts/signup/", account.signup, name="account_signup"),
    path("accounts/reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("accounts/password/change/", account.password_change, name="account_change_password"),
    path("accounts/password/set/", people.no_password_yet, name="account_set_password"),
    path("accounts/password/reset/", account.password_reset, name="account_reset_password"),
    path("accounts/password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "accounts/password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("language/", people.set_language, name="set_language"),
    path("demo/sign-in/", people.demo_sign_in, name="demo_sign_in"),
]
