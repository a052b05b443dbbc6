// What a form does by itself while one types: guess the time zone, find events, show the next letter, work for a
// ticket. All of it works without this, by buttons, or by waiting.
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
  const own = new Set(["address", "action", "find", "ticket", "found"]); // nobody need know who looks
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

// While very many ask, a browser shows by work that it is not one of a crowd: it looks for a number for which the digest
// of ticket and number begins with so many zero bits. Where it cannot (a page without TLS), waiting does as well.
(() => {
  const toll = document.querySelector("[data-ticket]");
  if (!toll || !globalThis.crypto?.subtle) return;
  const { ticket, bits } = toll.dataset;
  const form = toll.closest("form");
  const [waiting, working] = toll.querySelectorAll("p");
  const AT_ONCE = 512;

  const digest = async (number) => {
    const made = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`${ticket}.${number}`));
    return new DataView(made).getUint32(0) >>> (32 - bits) === 0;
  };
  const look = async () => {
    for (let from = 0; ; from += AT_ONCE) {
      const fits = await Promise.all(Array.from({ length: AT_ONCE }, (_, number) => digest(from + number)));
      if (fits.includes(true)) return from + fits.indexOf(true);
    }
  };

  waiting.hidden = true;
  const found = look();
  let ready = false;
  found.then((number) => {
    form.elements.found.value = number;
    ready = true;
  });
  form.addEventListener("submit", (event) => {
    if (ready || event.submitter?.name) return; // what only searches or shows needs no ticket
    event.preventDefault();
    working.hidden = false;
    const again = event.submitter;
    again?.setAttribute("aria-busy", "true");
    found.then(() => form.requestSubmit(again));
  });
})();
