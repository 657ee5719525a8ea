/* While a long form is on its way, show how far the server is; without this the result page simply comes. */

for (const form of document.querySelectorAll("form[data-long]")) {
  form.addEventListener("submit", () => {
    const box = document.getElementById(form.dataset.long);
    if (!form.dataset.shown) form.after(document.importNode(box.content, true));
    form.dataset.shown = "1";
  });
}
