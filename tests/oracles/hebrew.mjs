// Writes hebrew.txt: what @hebcal/core says of the Hebrew calendar, for test_hebrew.py to compare with.
//
// In an empty folder: npm install @hebcal/core@6.9.3
//                     node <repository>/tests/oracles/hebrew.mjs > <repository>/tests/oracles/hebrew.txt
//
// years     one letter for each Hebrew year from 1 to 6500, by its length: a=353 b=354 c=355 d=383 e=384 f=385;
//           that its months have the lengths that follow from it, and its days their numbers, is checked here
// yahrzeit, anniversary
//           a date, and for each of the 40 Hebrew years after it the day of that year (0 is 1 Tishri) in base 36
// yahrzeits, anniversaries
//           a Hebrew year, and the SHA-256 of the day numbers, with commas, in each of the 20 years after it, of all its days
// feast     a name, and its day numbers from 1900 to 2100: the first, then the difference to each next
import { createHash } from "node:crypto";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const place = join(process.cwd(), "node_modules/@hebcal/core/dist/esm/index.js");
const { HDate, HebrewCalendar, version } = await import(pathToFileURL(place));
const say = (...words) => console.log(words.join(" "));
say("oracle", `@hebcal/core ${version} (node ${process.version})`);

const lengths = [353, 354, 355, 383, 384, 385];
const autumn = [7, 8, 9, 10, 11, 12];
const spring = [1, 2, 3, 4, 5, 6];
const order = (year) => [...autumn, ...(HDate.isLeapYear(year) ? [13] : []), ...spring];
const newYear = (year) => HDate.hebrew2abs(year, 7, 1);

let letters = "";
for (let year = 1; year <= 6500; year += 1) {
  const length = newYear(year + 1) - newYear(year);
  let day = newYear(year);
  for (const month of order(year)) {
    const last = length % 10 === 5, short = length % 10 === 3, leap = length > 380;
    const expected = { 7: 30, 8: last ? 30 : 29, 9: short ? 29 : 30, 10: 29, 11: 30, 12: leap ? 30 : 29, 13: 29, 1: 30, 2: 29, 3: 30, 4: 29, 5: 30, 6: 29 }[month];
    if (HDate.daysInMonth(month, year) !== expected) throw new Error(`${year}-${month}`);
    for (let of = 1; of <= expected; of += 1, day += 1) {
      if (HDate.hebrew2abs(year, month, of) !== day) throw new Error(`${year}-${month}-${of}`);
      if (year >= 5650 && year <= 5870) {
        const back = new HDate(day);
        if (back.getFullYear() !== year || back.getMonth() !== month || back.getDate() !== of) throw new Error(String(day));
      }
    }
  }
  letters += "abcdef"[lengths.indexOf(length)];
}
say("years", newYear(1), letters);

const customs = { yahrzeit: HebrewCalendar.getYahrzeit, anniversary: HebrewCalendar.getBirthdayOrAnniversary };
const two = (year, month, day) => `${year}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
const hard = (year) => [
  ...(HDate.longCheshvan(year) ? [[8, 30]] : []),
  ...(HDate.shortKislev(year) ? [] : [[9, 30]]),
  ...(HDate.isLeapYear(year) ? [[12, 30], [13, 29]] : [[12, 29]]),
];
for (const [name, returns] of Object.entries(customs)) {
  for (let year = 5660; year <= 5840; year += 1) {
    for (const [month, day] of hard(year)) {
      const origin = new HDate(day, month, year);
      let found = "";
      for (let next = year + 1; next <= year + 40; next += 1) {
        found += (returns(next, origin).abs() - newYear(next)).toString(36).padStart(2, "0");
      }
      say(name, two(year, month, day), found);
    }
  }
  for (let year = 5755; year <= 5773; year += 1) {
    const found = [];
    for (const month of order(year)) {
      for (let day = 1; day <= HDate.daysInMonth(month, year); day += 1) {
        const origin = new HDate(day, month, year);
        for (let next = year + 1; next <= year + 20; next += 1) found.push(returns(next, origin).abs());
      }
    }
    say(name === "yahrzeit" ? "yahrzeits" : "anniversaries", year, createHash("sha256").update(found.join(",")).digest("hex"));
  }
}

const feasts = {
  "jewish-yom-hashoah": [true, (event) => event.getDesc() === "Yom HaShoah"],
  "jewish-yom-hazikaron": [true, (event) => event.getDesc() === "Yom HaZikaron"],
  "jewish-yom-haatzmaut": [true, (event) => event.getDesc() === "Yom HaAtzma'ut"],
  "jewish-yom-yerushalayim": [true, (event) => event.getDesc() === "Yom Yerushalayim"],
  "jewish-tisha-bav": [true, (event) => event.getDesc().startsWith("Tish'a B'Av")],
  "jewish-fast-of-gedaliah": [true, (event) => event.getDesc() === "Tzom Gedaliah"],
  "jewish-tenth-of-tevet": [true, (event) => event.getDesc() === "Asara B'Tevet"],
  "jewish-fast-of-esther": [true, (event) => event.getDesc() === "Ta'anit Esther"],
  "jewish-seventeenth-of-tammuz": [true, (event) => event.getDesc() === "Tzom Tammuz"],
  "jewish-yizkor-yom-kippur": [false, (event) => event.getDesc() === "Yizkor" && event.getDate().getDate() === 10],
  "jewish-yizkor-shemini-atzeret": [false, (event) => event.getDesc() === "Yizkor" && event.getDate().getMonth() === 7 && event.getDate().getDate() === 22],
  "jewish-yizkor-pesach": [false, (event) => event.getDesc() === "Yizkor" && event.getDate().getMonth() === 1],
  "jewish-yizkor-pesach-israel": [true, (event) => event.getDesc() === "Yizkor" && event.getDate().getMonth() === 1],
  "jewish-yizkor-shavuot": [false, (event) => event.getDesc() === "Yizkor" && event.getDate().getMonth() === 3],
  "jewish-yizkor-shavuot-israel": [true, (event) => event.getDesc() === "Yizkor" && event.getDate().getMonth() === 3],
  "jewish-rosh-hashanah": [false, (event) => /^Rosh Hashana [0-9]+$/.test(event.getDesc())],
  "jewish-yom-kippur": [false, (event) => event.getDesc() === "Yom Kippur"],
  "jewish-sukkot": [false, (event) => event.getDesc() === "Sukkot I"],
  "jewish-hanukkah": [false, (event) => event.getDesc() === "Chanukah: 2 Candles"],
  "jewish-purim": [false, (event) => event.getDesc() === "Purim"],
  "jewish-pesach": [false, (event) => event.getDesc() === "Pesach I"],
  "jewish-shavuot": [false, (event) => event.getDesc() === "Shavuot I"],
};
const years = Array.from({ length: 201 }, (_, index) => 1900 + index);
const events = Object.fromEntries(
  [true, false].map((il) => [il, years.flatMap((year) => HebrewCalendar.calendar({ year, isHebrewYear: false, il, yizkor: true }))]),
);
for (const [name, [il, is]] of Object.entries(feasts)) {
  const days = events[il].filter(is).map((event) => event.getDate().abs());
  say("feast", name, ...days.map((day, index) => (index ? day - days[index - 1] : day)));
}
