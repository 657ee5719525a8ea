from django.urls import path

from config.shared.imports import views

app_name = "imports"
urlpatterns = [
    path("<slug:kind>/", views.start, name="start"),
    path("<slug:kind>/example/", views.example, name="example"),
    path("<slug:kind>/export/", views.export, name="export"),
    path("<slug:kind>/<uuid:token>/", views.columns, name="columns"),
    path("<slug:kind>/<uuid:token>/preview/", views.preview, name="preview"),
    path("<slug:kind>/<uuid:token>/progress/", views.progress, name="progress"),
    path("<slug:kind>/<uuid:token>/problems/", views.problems, name="problems"),
    path("<slug:kind>/<uuid:token>/result/", views.result, name="result"),
]
