/* Asks the server how far a long task is, slower each time nothing moved, and opens the result when it is there. */

const follow = (box) => {
  const bar = box.querySelector("progress");
  const text = box.querySelector("[data-progress-text]");
  box.querySelector("[data-progress-link]")?.setAttribute("hidden", "");
  let wait = 1000;

  const ask = async () => {
    try {
      const answer = await fetch(box.dataset.progress, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(answer.status);
      const state = await answer.json();
      wait = state.done > bar.value ? 1000 : Math.min(wait * 1.5, 8000);
      bar.max = state.total || 1;
      bar.value = state.done;
      if (state.text && text.textContent !== state.text) text.textContent = state.text;
      if (state.finished_url) return location.assign(state.finished_url);
    } catch { wait = Math.min(wait * 2, 15000); }
    setTimeout(ask, wait);
  };
  setTimeout(ask, wait);
};

document.querySelectorAll("[data-progress]").forEach(follow);
