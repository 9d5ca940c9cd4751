import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigError, describeSettings, loadConfig } from "../src/config.ts";

describe("the configuration", () => {
  let dir: string;
  before(() => {
    dir = mkdtempSync(join(tmpdir(), "metergate-config-"));
  });
  after(() => rmSync(dir, { recursive: true }));

  function file(content: unknown): string {
    const path = join(dir, "config.json");
    writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
    return path;
  }

  function problems(env: Record<string, string>, path?: string): readonly string[] {
    try {
      loadConfig(env, path);
    } catch (error) {
      assert.ok(error instanceof ConfigError);
      assert.equal(error.code, "CONFIG_INVALID");
      return error.problems;
    }
    return [];
  }

  it("has a default for everything", () => {
    const config = loadConfig({});
    assert.equal(config.port, 8080);
    assert.equal(config.host, "127.0.0.1");
    assert.equal(config.maxBodyBytes, 1024 * 1024);
    assert.equal(config.vaultKeyFile, join("data", "vault.key"));
    assert.equal(config.publicUrl, undefined);
  });

  it("is frozen", () => {
    const config = loadConfig({}) as { port: number };
    assert.throws(() => {
      config.port = 1;
    }, TypeError);
  });

  it("takes the environment over the file and the file over the defaults", () => {
    const path = file({ port: 1000, maxRetries: 5, validateResponses: true });
    const config = loadConfig({ METERGATE_PORT: "0", METERGATE_VALIDATE_RESPONSES: "false" }, path);
    assert.deepEqual([config.port, config.maxRetries, config.validateResponses], [0, 5, false]);
  });

  it("reads the file that METERGATE_CONFIG names", () => {
    assert.equal(loadConfig({ METERGATE_CONFIG: file({ port: 1234 }) }).port, 1234);
  });

  it("ignores variables that are not its own", () => {
    assert.deepEqual(problems({ PATH: "/bin", METERGATES: "1" }), []);
  });

  it("names an unknown variable and the known ones", () => {
    const [problem = ""] = problems({ METERGATE_PROT: "1" });
    assert.match(problem, /^METERGATE_PROT is not a setting; allowed: .*METERGATE_PORT/);
  });

  it("names an unknown key of the file and the known ones", () => {
    const path = file({ prot: 1 });
    const [problem = ""] = problems({}, path);
    assert.ok(problem.startsWith(`prot in ${path} is not a setting; allowed: port, host`), problem);
  });

  it("refuses the names of object members as settings", () => {
    assert.match(problems({}, file('{"__proto__":1,"toString":2}')).join(), /__proto__ in .*toString in /s);
  });

  it("names every wrong setting with its value and what is allowed", () => {
    assert.deepEqual(
      problems({
        METERGATE_PORT: "65536",
        METERGATE_LOG_LEVEL: "loud",
        METERGATE_VALIDATE_RESPONSES: "yes",
        METERGATE_PUBLIC_URL: "ftp://x",
        METERGATE_MAX_RETRIES: "2.5",
        METERGATE_HOST: "",
      }),
      [
        "METERGATE_PORT is 65536; allowed: a whole number from 0 to 65535",
        'METERGATE_HOST is ""; allowed: a host name or IP address',
        'METERGATE_PUBLIC_URL is "ftp://x"; allowed: an http:// or https:// address',
        'METERGATE_VALIDATE_RESPONSES is "yes"; allowed: true, false',
        'METERGATE_MAX_RETRIES is "2.5"; allowed: a whole number from 0 to 20',
        'METERGATE_LOG_LEVEL is "loud"; allowed: fatal, error, warn, info, debug, trace, silent',
      ],
    );
  });

  it("takes numbers by names, from a variable or as an object, and refuses what is none", () => {
    const variable = "METERGATE_SEGMENT_CONNECTIONS";
    const expected = { "1203/7": 5, "1203/8": 0 };
    assert.deepEqual(loadConfig({ [variable]: " 1203/7=5  1203/8=0" }).segmentConnections, expected);
    assert.deepEqual(loadConfig({}, file({ segmentConnections: expected })).segmentConnections, expected);
    for (const text of ["1203/7", "1203/7=-1", "=5", "1203/7=5 1203/7=6", "1203/7=1000001", "1203/7=5,1203/8=6"]) {
      assert.match(problems({ [variable]: text })[0] ?? "", /METERGATE_SEGMENT_CONNECTIONS is .* e.g. "a=1 b=2"/, text);
    }
  });

  it("says where in the file a wrong value stands", () => {
    const path = file({ port: "8080" });
    assert.deepEqual(problems({}, path), [`port in ${path} is "8080"; allowed: a whole number from 0 to 65535`]);
  });

  it("says that the file is missing, is no JSON or holds no object", () => {
    assert.match(problems({}, join(dir, "none.json")).join(), /none\.json cannot be read: ENOENT/);
    assert.match(problems({}, file("{")).join(), /config\.json is not JSON: /);
    assert.match(problems({}, file([])).join(), /config\.json must hold one JSON object/);
  });

  it("describes each setting with variable, default, unit and meaning", () => {
    const rows = describeSettings();
    const body = rows.find((row) => row.name === "maxBodyBytes");
    assert.deepEqual(body, {
      name: "maxBodyBytes",
      variable: "METERGATE_MAX_BODY_BYTES",
      allowed: "a whole number from 1024 to 1073741824",
      unit: "bytes",
      default: "1048576",
      description: "Largest SOAP request that is accepted.",
    });
    for (const row of rows) assert.ok(row.description.endsWith(".") && row.default !== "undefined", row.name);
  });

  it("has each setting in the manual", () => {
    const rows = describeSettings().map(
      ({ variable, name, default: value, unit, allowed, description }) =>
        `| \`${variable}\` | \`${name}\` | ${value}${unit && ` ${unit}`} | ${allowed} | ${description} |`,
    );
    const table = ["| variable | key | default | allowed | meaning |", "|---|---|---|---|---|", ...rows].join("\n");
    const manual = readFileSync(new URL("../docs/operators.md", import.meta.url), "utf8");
    const written = manual.match(/<!-- settings:begin -->\n([\s\S]*)\n<!-- settings:end -->/)?.[1];
    assert.equal(written, table, `docs/operators.md needs this table:\n${table}`);
  });
});
