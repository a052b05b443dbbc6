// An event's form: its days as one types, and parts added without losing one's place. All of it works without this.
(() => {
  const look = () => document.getElementById("look");
  const form = () => document.getElementById("record");
  let waiting;
  let asking;
  let chosen;

  const body = (own, button) => {
    const sent = new URLSearchParams(new FormData(own));
    if (button) sent.append(button.name, button.value);
    return sent;
  };

  // The letter again, of what was just kept; which language was chosen last, its frame cannot tell, so the link does.
  const letter = () => {
    const frame = document.getElementById("letter");
    if (frame) frame.src = chosen || frame.getAttribute("src");
  };

  const ask = async () => {
    const own = form();
    asking?.abort();
    asking = new AbortController();
    try {
      const answer = await fetch(own.dataset.look, { method: "POST", body: body(own), signal: asking.signal });
      if (!answer.ok || answer.redirected) return;
      const told = new DOMParser().parseFromString(await answer.text(), "text/html");
      look().replaceChildren(...told.body.childNodes);
      letter();
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
  };

  const stop = () => {
    clearTimeout(waiting);
    asking?.abort();
  };

  const stay = async (button) => {
    const own = form();
    stop();
    const open = [...own.querySelectorAll("details[open]")].map((one) => one.id);
    const answer = await fetch(own.getAttribute("action"), { method: "POST", body: body(own, button) });
    const told = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("record");
    if (!answer.ok || !told) return own.requestSubmit(button instanceof Element ? button : null);
    own.replaceWith(told);
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    const [verb, name, number] = button.value.split(":");
    const parts = [...document.querySelectorAll(`#${name} > .part`)];
    const place = { add: parts.length - 1, newer: Number(number) + 1, raise: number - 1, remove: Math.max(number - 1, 0) }[verb];
    const there = parts[place ?? Number(number)] || document.getElementById(name);
    there.closest("details")?.setAttribute("open", "");
    (there.querySelector("input:not([type=hidden]), select, textarea") || there).focus();
  };

  document.addEventListener("input", (event) => {
    if (!form()?.dataset.look || !form().contains(event.target)) return;
    clearTimeout(waiting);
    waiting = setTimeout(ask, 350);
  });
  document.addEventListener("change", (event) => {
    if (/^rules\.\d+\.(kind|calendar)$/.test(event.target.name)) stay({ name: "action", value: `show:${event.target.name.split(".").slice(0, 2).join(":")}` });
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-stay]");
    if (!button) return;
    event.preventDefault();
    stay(button);
  });
  document.addEventListener("click", (event) => {
    chosen = event.target.closest("a[target=letter]")?.href ?? chosen;
  });
  document.addEventListener("submit", stop);
})();
