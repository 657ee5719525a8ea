/* Counting: the reason is asked where what was counted is not what is booked; Enter moves on to the next quantity. */

const rows = () => [...document.querySelectorAll("[data-count-row]")];
const quantity = (row) => row.querySelector("[data-stepper]");

const refresh = (row) => {
  const typed = quantity(row).value;
  row.querySelector("[data-count-reason]").hidden = typed !== "" && Number(typed) === Number(row.dataset.booked);
};

document.addEventListener("input", (event) => {
  const row = event.target.closest("[data-count-row]");
  if (row) refresh(row);
});
document.addEventListener("keydown", (event) => {
  const row = event.target.closest("[data-count-row]");
  if (event.key !== "Enter" || !row || !event.target.matches("input")) return;
  event.preventDefault();
  const next = rows()[rows().indexOf(row) + 1];
  (next ? quantity(next) : document.querySelector("[data-picker-input]"))?.focus();
});
rows().forEach(refresh);
