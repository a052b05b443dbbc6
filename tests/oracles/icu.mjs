// Writes icu-*.txt beside itself: the years of six calendars as Node's Intl has them. Run: node tests/oracles/icu.mjs

import { writeFileSync } from "node:fs";
import { versions, years } from "./icu_years.mjs";

const CALENDARS = ["coptic", "ethiopic", "islamic-civil", "islamic-tbla", "persian"];

function write(calendar, from, to) {
  const rows = years(calendar, from, to).map(([year, first, lengths]) => [year, first, ...lengths].join(" "));
  const head = `# ${calendar}: year, day number of its first day, days of each month (${versions}; icu.mjs)\n`;
  writeFileSync(new URL(`icu-${calendar}.txt`, import.meta.url), head + rows.join("\n") + "\n");
}

for (const calendar of CALENDARS) write(calendar, "1898-06-01", "2102-06-01");
write("islamic-umalqura", "1882-11-12", "2174-11-26"); // 1300 to 1600 AH: beyond, ICU reckons
