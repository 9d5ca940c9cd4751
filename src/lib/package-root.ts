import { existsSync } from "node:fs";

/** Whether this is code as it was written, not as it was built: tests and scripts run it so. */
export const IS_SOURCE = import.meta.url.endsWith(".ts");

/** The folder of the package: sources lie deeper in it than what is built of them. */
export const PACKAGE_ROOT = findRoot(new URL(".", import.meta.url));

function findRoot(folder: URL): URL {
  const above = new URL("..", folder);
  return existsSync(new URL("package.json", folder)) || above.href === folder.href ? folder : findRoot(above);
}
