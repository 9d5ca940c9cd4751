import { join } from "node:path";
import * as z from "zod";
import { LOG_CLASSES, type LogClass } from "../domain/log-leaf.ts";
import { httpUrl, integer, type Kind, path, setting } from "../domain/settings.ts";
import { parseVerifierKey } from "./note.ts";

const logName: Kind<string> = {
  schema: z.string().regex(/^[^\s+]{1,200}$/),
  allowed: "a name without white space and plus, by custom an address without scheme, e.g. log.utility.example/meters",
  fromText: (text) => text,
};

/** Classes whose payloads may go, and after how many days. */
export type ClassDays = ReadonlyMap<LogClass, number>;

const DAYS = /^(\w+)=(\d{1,5})$/;

/** @throws RangeError */
export function parseClassDays(text: string): ClassDays {
  const parts = text.split(/\s+/).filter((part) => part !== "");
  return new Map(
    parts.map((part) => {
      const [, name = "", days = ""] = DAYS.exec(part) ?? [];
      const known = LOG_CLASSES.find((each) => each === name && each !== "log");
      if (!known || Number(days) < 1) throw new RangeError(`${part} is not a class of entries and a number of days`);
      return [known, Number(days)];
    }),
  );
}

const classDays: Kind<string> = {
  schema: z.string().refine((text) => {
    try {
      return parseClassDays(text).size >= 0;
    } catch {
      return false;
    }
  }),
  allowed: `classes and days, e.g. "device=90 poll=30"; classes: ${LOG_CLASSES.filter((name) => name !== "log").join(", ")}`,
  fromText: (text) => text,
};

/** A witness: where it listens and the key that its cosignatures are made with. */
export interface WitnessAddress {
  readonly url: string;
  readonly key: string;
}

/** @throws RangeError, NoteError */
export function parseWitnesses(text: string): WitnessAddress[] {
  const parts = text.split(/\s+/).filter((part) => part !== "");
  return parts.map((part) => {
    const at = part.indexOf(",");
    const [url, key] = [part.slice(0, at), part.slice(at + 1)];
    if (at < 0 || !/^https?:\/\//.test(url)) throw new RangeError("a witness is URL,KEY");
    parseVerifierKey(key);
    return { url, key };
  });
}

const witnesses: Kind<string> = {
  schema: z.string().refine((text) => {
    try {
      return parseWitnesses(text).length >= 0;
    } catch {
      return false;
    }
  }),
  allowed: "URL,KEY of each, with spaces between",
  fromText: (text) => text,
};

/** What operators can set about the message log. */
export const LOG_SETTINGS = {
  logName: setting(
    logName,
    undefined,
    "Name of the message log, taken when its keys are made: its checkpoints' origin.",
    {
      defaultText: "made up at the first start",
    },
  ),
  logKeyFile: setting(
    path,
    undefined,
    "File with the keys that checkpoints are signed with; made at the first start.",
    {
      defaultText: "log.key in the data directory",
    },
  ),
  logDirectory: setting(path, undefined, "Where tiles and checkpoint of the message log are published.", {
    defaultText: "log in the data directory",
  }),
  logCheckpointEntries: setting(integer(1, 1_000_000), 10_000, "Entries after which a checkpoint is made."),
  logCheckpointSeconds: setting(integer(1, 86_400), 60, "Time after which one is made when there are new entries.", {
    unit: "s",
  }),
  logUrl: setting(httpUrl, undefined, "Where each checkpoint is sent by POST, as it is.", { defaultText: "none" }),
  logWitnesses: setting(witnesses, "", "Witnesses that cosign each checkpoint.", { defaultText: "none" }),
  logTimestampUrl: setting(
    httpUrl,
    undefined,
    "Authority (RFC 3161) that stamps a checkpoint with its time each hour.",
    {
      defaultText: "none",
    },
  ),
  logRetention: setting(classDays, "", "Days after which payloads of a class are erased, while their leaves stay.", {
    defaultText: "kept for good",
  }),
  logVerifyHours: setting(
    integer(0, 8760),
    24,
    "How often the whole log is verified while the service runs; 0 is never.",
    {
      unit: "h",
    },
  ),
} as const;

/** Where the log's files are. */
export function logPaths(config: {
  readonly dataDir: string;
  readonly logKeyFile: string | undefined;
  readonly logDirectory: string | undefined;
}): { keyFile: string; directory: string } {
  const {
    dataDir,
    logKeyFile: keyFile = join(dataDir, "log.key"),
    logDirectory: directory = join(dataDir, "log"),
  } = config;
  return { keyFile, directory };
}
