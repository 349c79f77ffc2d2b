/* What holds for all scripts of the pages. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";
import { MODULES } from "./pages.js";

const modules = readdirSync(MODULES);
const read = (folder, name) => readFileSync(new URL(name, folder), "utf8");

test("each script has tests", () => {
  const tests = readdirSync(new URL(".", import.meta.url)).filter((name) => name.endsWith(".test.js"));
  const text = tests.map((name) => read(import.meta.url, name)).join("\n");
  assert.deepEqual(modules.filter((name) => !text.includes(name)), []);
});

test("a script imports only what lies beside it or in vendor, for pages load it as it is", () => {
  for (const name of modules) {
    const imported = [...read(MODULES, name).matchAll(/(?:\bfrom|^import|\bimport\() ?"([^"]+)"/gm)].map(([, from]) => from);
    assert.deepEqual(imported.filter((from) => !/^(\.\/[\w-]+|\.\.\/vendor\/[\w.-]+)\.js$/.test(from)), [], name);
    assert.deepEqual(imported.filter((from) => from.startsWith("./") && !modules.includes(from.slice(2))), [], name);
  }
});
