/* Small manners of every page: focus what needs correcting, close open menus, close on Escape. */

const focusSummary = (root) => {
  const summary = root.querySelector?.("[data-focus]");
  if (summary) summary.focus();
};

const closeMenus = (except) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (menu !== except) menu.open = false;
  }
};

document.addEventListener("click", (event) => {
  closeMenus(event.target.closest("details.menu"));
  const link = event.target.closest(".error-summary a[href^='#']");
  if (!link) return;
  const field = document.getElementById(link.hash.slice(1));
  if (!field) return;
  event.preventDefault();
  const control = field.matches("fieldset, div") ? field.querySelector("input, select, textarea") ?? field : field;
  control.focus({ preventScroll: true });
  (control.closest(".field") ?? control).scrollIntoView({ block: "center" });
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = document.querySelector("details.menu[open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});

document.addEventListener("htmx:afterSwap", (event) => focusSummary(event.target));
focusSummary(document);
