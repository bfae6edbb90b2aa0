import Database from 'better-sqlite3';

/** Rows and bytes of values of every table, to compare what two databases hold. */
export function contentsOf(file) {
  const database = new Database(file, { readonly: true });
  const tables = database
    .prepare(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
    )
    .pluck()
    .all();
  const contents = {};
  for (const table of tables) {
    const columns = database.pragma(`table_info(${table})`).map(({ name }) => name);
    const bytes = columns.map((column) => `COALESCE(LENGTH(${column}), 0)`).join(' + ');
    contents[table] = database
      .prepare(`SELECT COUNT(*) AS rows, COALESCE(SUM(${bytes}), 0) AS bytes FROM ${table}`)
      .get();
  }
  database.close();
  return contents;
}
