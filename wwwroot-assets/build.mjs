// Bundles what the console's pages load into its wwwroot; called by the .NET build.
import { build } from 'esbuild';

await build({
  entryPoints: { charts: 'charts/charts.js', editor: 'editor/editor.js' },
  outdir: '../RftConsole.Web/wwwroot/assets',
  bundle: true,
  format: 'esm',
  minify: true,
  target: 'es2022',
  legalComments: 'none',
  logLevel: 'warning',
});
