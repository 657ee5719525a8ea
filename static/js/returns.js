/* Return parts: a number ticks its row, and the button says how many pieces go back. */

const form = document.querySelector("[data-return]");
const rows = [...form.querySelectorAll("[data-return-row]")];
const tick = (row) => row.querySelector("[data-tick]");
const number = (row) => Number(row.querySelector("[data-quantity]").value || 0);
const pieces = (row) => (row.dataset.counts === "pieces" ? number(row) : Math.min(Math.ceil(number(row)), 1));

const count = () => {
  const ticked = rows.filter((row) => tick(row).checked);
  const button = form.querySelector("[data-return-button]");
  const total = ticked.reduce((sum, row) => sum + pieces(row), 0);
  if (button) button.textContent = (total === 0 ? button.dataset.none : total === 1 ? button.dataset.one : button.dataset.many).replace("%n", total);
};

form.addEventListener("input", (event) => {
  const row = event.target.closest("[data-return-row]");
  if (row && event.target.matches("[data-quantity]")) tick(row).checked = number(row) > 0;
  count();
});
count();
