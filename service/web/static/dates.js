// A private date: its coming days, and the months of its calendar, as one types. All of it works without this.
(() => {
  const form = document.getElementById("date");
  if (!form) return;
  let waiting;
  let asking;

  const ask = async () => {
    asking?.abort();
    asking = new AbortController();
    const sent = new FormData(form);
    sent.delete("picture");
    try {
      const answer = await fetch(form.dataset.look, { method: "POST", body: new URLSearchParams(sent), signal: asking.signal });
      if (!answer.ok || answer.redirected) return;
      const told = new DOMParser().parseFromString(await answer.text(), "text/html");
      document.getElementById("coming").replaceChildren(...told.getElementById("coming").childNodes);
      const months = document.getElementById("month");
      if (document.activeElement === months) return;
      // The whole field, not its options one by one: as each leaves its own, the next becomes the one that is chosen.
      const fresh = told.getElementById("month");
      const chosen = months.value;
      months.replaceWith(fresh);
      if ([...fresh.options].some((one) => one.value === chosen)) fresh.value = chosen;
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
  };

  form.addEventListener("input", (event) => {
    if (event.target.name === "picture") return;
    clearTimeout(waiting);
    waiting = setTimeout(ask, 350);
  });
  form.addEventListener("submit", () => {
    clearTimeout(waiting);
    asking?.abort();
  });
  form.querySelector(".unscripted")?.remove();
})();
