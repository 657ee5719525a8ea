/* Names for what the stock admin leaves nameless: its search, its search-as-you-type selects, the cells of its tables. */

const nameSearch = () => {
  const box = document.getElementById("searchbar");
  const words = box?.form.querySelector("[type=submit]")?.value;
  if (words) box.setAttribute("aria-label", words);
};

const nameSelects = () => {
  for (const select of document.querySelectorAll("select.admin-autocomplete")) {
    const box = select.nextElementSibling?.querySelector("[role=combobox]");
    const label = (select.labels?.[0]?.textContent ?? select.getAttribute("aria-label") ?? "").trim().replace(/[:：]$/, "");
    if (box && label && !box.hasAttribute("aria-label")) {
      box.removeAttribute("aria-labelledby");
      box.setAttribute("aria-label", label);
      box.querySelector("[role=textbox]")?.setAttribute("aria-label", label);
    }
  }
};

const nameCells = () => {
  for (const field of document.querySelectorAll(".tabular td :is(input:not([type=hidden]), select, textarea)")) {
    if (field.labels?.length || field.hasAttribute("aria-label")) continue;
    const head = field.closest("table").tHead?.rows[0].cells[field.closest("td").cellIndex];
    if (head) field.setAttribute("aria-label", head.textContent.trim());
  }
};

const name = () => { nameCells(); nameSelects(); };
nameSearch();
name();
// The selects are made by another script when it is their time, and a line may be added at any.
new MutationObserver(name).observe(document.body, { childList: true, subtree: true });
