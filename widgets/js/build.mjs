// Bundles every js/<widget>/index.js (and its style.css) into one file that anywidget can load as text.
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import path from "node:path";
import * as esbuild from "esbuild";

const root = path.dirname(fileURLToPath(import.meta.url));
const outdir = process.argv[2] ?? path.join(root, "..", "xvlab_widgets", "static");
const folders = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !["shared", "test"].includes(entry.name))
  .map((entry) => entry.name)
  .sort();

/** @type {Record<string, string>} */
const entryPoints = {};
for (const name of folders) {
  for (const file of readdirSync(path.join(root, name))) {
    if (file === "index.js" || file === "style.css") entryPoints[`${name}${path.extname(file)}`] = path.join(root, name, file);
  }
}

await esbuild.build({
  entryPoints: Object.entries(entryPoints).map(([out, input]) => ({ in: input, out: out.replace(/\.(js|css)$/, "") })),
  absWorkingDir: root,
  bundle: true,
  format: "esm",
  target: ["es2022", "chrome123", "firefox120", "safari17.5"],
  minify: true,
  charset: "utf8",
  legalComments: "inline",
  outdir,
  logLevel: "warning",
});
