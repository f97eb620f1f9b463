// Drives a report in Chromium; see README.md.
import { chromium } from "playwright-core";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";

const file = resolve(process.argv[2] ?? "report.html");
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const failures = [];
const check = (fine, what) => {
  console.log(`${fine ? "ok  " : "FAIL"} ${what}`);
  if (!fine) failures.push(what);
};
mkdirSync("screenshots", { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"],
});

async function open(options) {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(8000);
  const page = await context.newPage();
  const events = { console: [], requests: [] };
  page.on("console", (message) => { if (["error", "warning"].includes(message.type())) events.console.push(message.text()); });
  page.on("pageerror", (error) => events.console.push(error.message));
  page.on("dialog", (dialog) => { events.console.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on("request", (request) => { if (request.url() !== `file://${file}`) events.requests.push(request.url()); });
  const began = Date.now();
  await page.goto(`file://${file}`);
  await page.waitForTimeout(250);
  return { page, events, seconds: (Date.now() - began) / 1000 };
}
async function accessible(page, what) {
  // The page's own policy forbids scripts from elsewhere, so the rules come through the debugger.
  const found = await page.evaluate(`${axe}; axe.run(document, { resultTypes: ["violations"] })`);
  const serious = found.violations.filter((own) => ["serious", "critical"].includes(own.impact));
  for (const own of serious) console.log(`     ${own.id}: ${own.help}\n     ${own.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join("\n     ")}`);
  check(serious.length === 0, `no serious violation of accessibility (${what})`);
}
const column = (page, table, at) => page.$$eval(`#${table} tbody tr`, (rows, at) => rows.map((row) => row.children[at].textContent.trim()), at);
const numbers = (texts) => texts.map((text) => parseFloat(text.replace("\u2212", "-"))).filter((value) => !Number.isNaN(value));
const sorted = (values, sign) => values.every((value, at) => !at || sign * (value - values[at - 1]) >= 0);

{
  const { page, events, seconds } = await open({ viewport: { width: 1280, height: 800 } });
  check(seconds < 5, `the report opens in ${seconds.toFixed(1)} s`);
  await page.screenshot({ path: "screenshots/desktop-light.png" });
  if (process.env.EXPECT) {
    const seen = await page.evaluate((text) => [...document.querySelectorAll("button.open")].some((own) => own.textContent.includes(text) && own.getBoundingClientRect().bottom < innerHeight), process.env.EXPECT);
    check(seen, `${process.env.EXPECT} is on the first screen`);
  }
  await accessible(page, "light");

  const spread = await page.$eval("#nodes thead", (head) => [...head.querySelectorAll("button")].findIndex((own) => own.dataset.sort === "spread"));
  if (spread >= 0) {
    check(sorted(numbers(await column(page, "nodes", spread)), -1), "pathways begin sorted by spread, the largest first");
    await page.click('#nodes [data-sort="spread"]');
    check(sorted(numbers(await column(page, "nodes", spread)), 1), "a click on the header turns the order");
    check((await page.getAttribute(`#nodes th:nth-child(${spread + 1})`, "aria-sort")) === "ascending", "the header says so to screen readers");
  }
  await page.click('#nodes [data-sort="name"]');
  const names = await column(page, "nodes", 0);
  check(names.join("\n") === [...names].sort((a, b) => a.localeCompare(b, "en", { numeric: true })).join("\n"), "names sort");

  const name = (await page.textContent("#nodes tbody th button")).trim();
  const word = name.replace("\u2026", "").slice(0, 24).trim();
  await page.fill("#nodes-search", word);
  const found = await column(page, "nodes", 0);
  check(found.length > 0 && found.includes(name), `a search for ${word} finds it`);
  await page.fill("#nodes-search", "no such name \u00e7");
  check((await page.textContent("#nodes tbody")).includes("Nothing matches"), "a search without a hit says so");
  await page.fill("#nodes-search", "");

  // What a click or a key takes, up to the next frame.
  for (const [what, act] of [["a sort by name", () => document.querySelector('#nodes [data-sort="name"]').click()], ["a key of a search", () => {
    const field = document.getElementById("nodes-search");
    field.value = field.value ? "" : "a";
    field.dispatchEvent(new Event("input"));
  }]]) {
    const took = [];
    for (let round = 0; round < 4; round++) took.push(await page.evaluate(`(async () => { const began = performance.now(); (${act})(); await new Promise((done) => requestAnimationFrame(() => setTimeout(done))); return performance.now() - began; })()`));
    took.sort((a, b) => a - b);
    check(took[2] < 200, `${what} takes ${took[2].toFixed(0)} ms`);
  }

  const button = page.locator("#nodes tbody th button").first();
  const title = (await button.getAttribute("title")) ?? (await button.textContent()).trim();
  await button.click();
  check(await page.isVisible("#panel"), "a click on a name opens its page");
  check((await page.textContent("#panel-title")).trim() === title.trim(), "the page is that pathway's");
  check(/^#node-\d+$/.test(new URL(page.url()).hash), "its address can be kept");
  if (await page.$("#members")) check((await column(page, "members", 0)).length > 0, "its genes are listed");
  await accessible(page, "pathway, light");
  await page.screenshot({ path: "screenshots/pathway-light.png" });
  await page.keyboard.press("Escape");
  check(!(await page.isVisible("#panel")), "Escape closes it");
  check(await page.evaluate(() => document.activeElement?.hasAttribute("data-node")), "and the focus is back on the name");

  // The same without a mouse.
  await page.focus("#nodes tbody th button");
  await page.keyboard.press("Enter");
  check(await page.isVisible("#panel"), "Enter on a name opens its page");
  for (let step = 0; step < 40; step++) await page.keyboard.press("Tab");
  check(await page.evaluate(() => document.activeElement === document.body || document.getElementById("panel").contains(document.activeElement)), "Tab stays within it");
  await page.focus("#panel-close");
  await page.keyboard.press("Space");
  check(!(await page.isVisible("#panel")), "Space on Close closes it");
  await page.focus("#find-name");
  await page.keyboard.type(title.slice(0, 200));
  await page.keyboard.press("Enter");
  check((await page.isVisible("#panel")) && (await page.textContent("#panel-title")).includes(title.slice(0, 200).trim()), "a name typed in the bar opens its page");
  await page.keyboard.press("Escape");
  if (await page.$("#units")) {
    const before = await page.textContent("#supersets .card, #units-detail");
    await page.locator("#units tbody tr:last-child button").click();
    check((await page.textContent("#supersets .card, #units-detail")) !== before, "a click on a latent unit shows it");
  }
  const links = await page.$$eval("#nav a", (all) => all.map((own) => own.hash));
  check(links.length > 0 && (await page.evaluate((links) => links.every((hash) => document.querySelector(hash)), links)), "every entry of the bar leads to a section");

  for (const id of ["first-embedding", "embedding-colour"]) {
    const choices = await page.$$eval(`#${id} option`, (options) => options.map((own) => own.value));
    if (choices.length < 2) continue;
    const picture = () => page.evaluate((id) => document.getElementById(id).closest("figure").querySelector("canvas").toDataURL(), id);
    const before = await picture();
    await page.selectOption(`#${id}`, choices[choices.length - 1]);
    check((await picture()) !== before, `the colour menu ${id} repaints the samples`);
  }
  for (const [id, what] of [["heatmap-order", "heatmap"], ["contrast", "groups"]]) {
    const choices = await page.$$eval(`#${id} option`, (options) => options.map((own) => own.value));
    if (choices.length < 2) continue;
    const seen = () => page.evaluate((what) => document.querySelector(`#${what} canvas`)?.toDataURL() ?? document.getElementById(what).textContent, what);
    const before = await seen();
    await page.selectOption(`#${id}`, choices[choices.length - 1]);
    check((await seen()) !== before, `the menu ${id} changes what is seen`);
  }
  await page.keyboard.press("Home");
  const dark = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const before = await dark();
  await page.click("#theme");
  check((await dark()) !== before, "the theme button turns the page dark");
  await page.reload();
  await page.waitForTimeout(200);
  await page.keyboard.press("Tab");
  check(await page.evaluate(() => document.activeElement.classList.contains("skip")), "the first Tab reaches the skip link");
  await page.emulateMedia({ media: "print" });
  await page.waitForTimeout(100);
  check(!(await page.isVisible("header.bar")), "paper has no navigation");
  await page.setViewportSize({ width: 700, height: 990 });
  await page.waitForTimeout(200);
  const over = await page.$$eval("main canvas, main table, main svg", (all) => all.filter((own) => own.offsetParent !== null && own.getBoundingClientRect().right > innerWidth + 1).map((own) => own.id || own.tagName));
  check(over.length === 0, `nothing sticks out of the paper ${over.join(" ")}`);
  check(events.console.length === 0, `the console stays empty ${events.console.slice(0, 3).join(" | ")}`);
  check(events.requests.length === 0, `no request leaves the file ${events.requests.slice(0, 3).join(" ")}`);
}
for (const [width, height, colorScheme, shot] of [[1280, 800, "dark", "desktop-dark"], [390, 844, "light", "phone-light"], [390, 844, "dark", "phone-dark"]]) {
  const phone = width < 600;
  const { page, events } = await open({ viewport: { width, height }, colorScheme, isMobile: phone, hasTouch: phone });
  await page.screenshot({ path: `screenshots/${shot}.png` });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  check(wide <= 0, `${shot}: nothing sticks out sideways`);
  await accessible(page, shot);
  await page.click("#nodes tbody th button");
  check(await page.isVisible("#panel"), `${shot}: a pathway opens`);
  await page.screenshot({ path: `screenshots/${shot}-pathway.png` });
  if (colorScheme === "dark") await accessible(page, `${shot}, pathway`);
  await page.click("#panel-close");
  check(events.console.length + events.requests.length === 0, `${shot}: no console error, no request`);
}
await browser.close();
console.log(failures.length ? `${failures.length} failures` : "all fine");
process.exit(failures.length ? 1 : 0);
