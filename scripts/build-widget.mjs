// Bundles the webchat widget into one file without dependencies: the only bundling there is.
//   node scripts/build-widget.mjs [outfile]
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, transform } from 'esbuild';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const entry = resolve(root, 'src/adapters/webchat/widget/readback-chat.ts');
export const widgetFile = resolve(root, 'dist/adapters/webchat/widget/readback-chat.js');

/** The style sheet is a template in a module: minified as the CSS that it is. */
const minifyStyle = {
  name: 'minify-style',
  setup(build) {
    build.onLoad({ filter: /[\\/]style\.ts$/ }, async ({ path }) => {
      const { style } = await import(
        `data:text/javascript,${encodeURIComponent(await plain(path))}`
      );
      const { code } = await transform(style, { loader: 'css', minify: true });
      return { contents: `export const style = ${JSON.stringify(code.trim())};`, loader: 'js' };
    });
  },
};

async function plain(path) {
  return (await transform(await readFile(path, 'utf8'), { loader: 'ts' })).code;
}

/** The widget's text. */
export async function bundleWidget() {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    target: 'es2022', // adopted style sheets need a browser of 2023 anyway
    charset: 'utf8',
    legalComments: 'none',
    tsconfig: resolve(dirname(entry), 'tsconfig.json'),
    logLevel: 'warning',
    plugins: [minifyStyle],
  });
  return outputFiles[0].text;
}

/** Written beside and renamed into place, so that nobody reads half of it. Returns the size in bytes. */
export async function buildWidget(outfile = widgetFile) {
  const text = await bundleWidget();
  const draft = `${outfile}.${process.pid}.tmp`;
  await mkdir(dirname(outfile), { recursive: true });
  await writeFile(draft, text);
  await rename(draft, outfile);
  return Buffer.byteLength(text);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const outfile = resolve(process.argv[2] ?? widgetFile);
  const bytes = await buildWidget(outfile);
  console.log(`${outfile}: ${(bytes / 1024).toFixed(1)} KiB`);
}
