// What a form does by itself while one types: guess the time zone, find events, show the next letter. All of it works
// without this, by buttons.
(() => {
  const zones = document.querySelector("select[data-guess]");
  const zone = zones && Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!zone || zone === "UTC") return;
  if (![...zones.options].some((option) => option.value === zone)) zones.add(new Option(zone, zone));
  zones.value = zone;
})();

(() => {
  const find = document.getElementById("find");
  const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  find?.addEventListener("input", () => {
    const sought = folded(find.value.trim());
    for (const shelf of find.closest("form").querySelectorAll("fieldset details")) {
      let seen = false;
      for (const topic of shelf.querySelectorAll(".topic")) {
        const fits = folded(topic.querySelector("label").textContent).includes(sought);
        topic.hidden = !fits && !topic.querySelector(":checked");
        seen ||= fits;
      }
      shelf.open = (sought !== "" && seen) || shelf.querySelector(".topic :checked") !== null;
    }
  });
})();

(() => {
  const place = document.querySelector("[data-next]");
  const form = place?.closest("form");
  if (!form) return;
  const own = new Set(["address", "action", "find"]); // nobody need know who looks
  let waiting;
  let asking;

  const ask = async () => {
    asking?.abort();
    asking = new AbortController();
    const chosen = [...new FormData(form)].filter(([name, value]) => value !== "" && !own.has(name));
    try {
      const answer = await fetch(place.dataset.next, { method: "POST", body: new URLSearchParams(chosen), signal: asking.signal });
      if (!answer.ok && answer.status !== 429) return;
      const told = new DOMParser().parseFromString(await answer.text(), "text/html");
      const open = place.querySelector("details")?.open;
      place.replaceChildren(...told.body.childNodes);
      if (open) place.querySelector("details")?.setAttribute("open", "");
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
  };

  const soon = (event) => {
    if (own.has(event?.target.name)) return;
    clearTimeout(waiting);
    waiting = setTimeout(ask, 400);
  };
  form.addEventListener("input", soon);
  if (form.querySelector("[name=targets]:checked")) soon();
})();
