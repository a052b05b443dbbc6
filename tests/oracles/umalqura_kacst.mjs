// Writes the table service/domain/calendars/islamic_umalqura_kacst_months.py from Node's Intl (ICU).
// Run: node tests/oracles/umalqura_kacst.mjs. ICU has a table for 1300 to 1600 AH and goes over to the civil
// reckoning before and after it, without a sign of it: hence the cut.

import { writeFileSync } from "node:fs";
import { versions, years } from "./icu_years.mjs";

const [FROM, TO] = ["1882-11-12", "2174-11-26"]; // 1 Muharram 1300, 1 Muharram 1601
const table = years("islamic-umalqura", FROM, TO);
if (table[0][0] !== 1300 || table.at(-1)[0] !== 1600) throw new Error("not 1300 to 1600");

const bits = table.map(([, , lengths]) => lengths.reduce((word, days) => word * 2 + (days - 29), 0));
const hex = bits.map((word) => `0x${word.toString(16).toUpperCase().padStart(3, "0")},`);
const rows = [];
for (let place = 0; place < hex.length; place += 10) {
  rows.push(`    ${hex.slice(place, place + 10).join(" ")}  # ${table[place][0]}`);
}

writeFileSync(
  new URL("../../service/domain/calendars/islamic_umalqura_kacst_months.py", import.meta.url),
  `"""The months of 30 days in the Umm al-Qura years 1300 to 1600 AH as KACST computed them.

Written by \`tests/oracles/umalqura_kacst.mjs\` from ${versions}; the JDK has the same table.
Do not edit. A year is 12 bits, its first month the highest; a set bit is a month of 30 days, the others have 29.
"""

FIRST_YEAR = ${table[0][0]}
FIRST_DAY = ${table[0][1]}  # the day number of 12 November 1882
# fmt: off
LONG_MONTHS = (
${rows.join("\n")}
)
# fmt: on
`,
);
