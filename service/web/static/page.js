// The one thing that a page guesses: the reader's time zone, where the form has not been touched yet.
(() => {
  const zones = document.querySelector("select[data-guess]");
  const zone = zones && Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!zone || zone === "UTC") return;
  if (![...zones.options].some((option) => option.value === zone)) zones.add(new Option(zone, zone));
  zones.value = zone;
})();
