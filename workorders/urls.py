from django.urls import URLPattern, URLResolver, include, path

from workorders.views import customers, dispatch, equipment, jobs, work_orders
from workorders.views.verbs import PAGES, verb_view

app_name = "workorders"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("workorders.people_urls")),
    path("jobs/", jobs.my_jobs, name="my_jobs"),
    path("work-orders/", work_orders.work_orders, name="work_orders"),
    path("work-orders/dispatch/", dispatch.dispatch, name="dispatch"),
    path("work-orders/new/", work_orders.work_order_new, name="work_order_new"),
    path("work-orders/<int:pk>/", work_orders.work_order, name="work_order"),
    path("work-orders/<int:pk>/edit/", work_orders.work_order_edit, name="work_order_edit"),
    *(path(f"work-orders/<int:pk>/{verb}/", verb_view(verb), name=f"work_order_{verb}") for verb in PAGES),
    path("customers/", customers.customers, name="customers"),
    path("customers/new/", customers.customer_new, name="customer_new"),
    path("customers/<int:pk>/", customers.customer, name="customer"),
    path("customers/<int:pk>/edit/", customers.customer_edit, name="customer_edit"),
    path("customers/<int:pk>/sites/new/", customers.site_new, name="site_new"),
    path("customers/<int:pk>/equipment/new/", equipment.equipment_new, name="equipment_new"),
    path("sites/<int:pk>/edit/", customers.site_edit, name="site_edit"),
    path("equipment/", equipment.equipment_list, name="equipment_list"),
    path("equipment/<int:pk>/", equipment.equipment, name="equipment"),
    path("equipment/<int:pk>/edit/", equipment.equipment_edit, name="equipment_edit"),
]
