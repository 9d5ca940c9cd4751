import * as z from "zod";
import { integer, type Kind, path, setting } from "../domain/settings.ts";

const DAY_MS = 86_400_000;

const identification: Kind<string> = {
  schema: z.string().regex(/^[^ ]{1,40}$/),
  allowed: "1 to 40 characters without a space",
  fromText: (text) => text,
};

/** What operators can set about notifications. */
export const NOTIFICATION_SETTINGS = {
  notifyRetryDelayMs: setting(
    integer(0, DAY_MS),
    120_000,
    "Wait before a notification that was not acknowledged is sent again; it doubles, and after three it counts as dead.",
    { unit: "ms" },
  ),
  notifyTimeoutMs: setting(integer(100, DAY_MS), 30_000, "How long a caller may take to take a notification.", {
    unit: "ms",
  }),
  notifyOrganisation: setting(identification, "OSGP", "OrganisationIdentification in notifications."),
  notifyUser: setting(identification, "test-org", "UserName in notifications."),
  notifyApplication: setting(identification, "SMART_METERS", "ApplicationName in notifications."),
  notifyCertificateFile: setting(path, undefined, "Our certificate for notifications over TLS, PEM.", {
    defaultText: "none",
  }),
  notifyKeyFile: setting(path, undefined, "The private key that belongs to it, PEM.", { defaultText: "none" }),
  notifyAuthoritiesFile: setting(path, undefined, "Certificates of whom to believe over TLS, PEM.", {
    defaultText: "those of Node.js",
  }),
} as const;
