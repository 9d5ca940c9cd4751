export type AdministrativeStatus = "UNDEFINED" | "OFF" | "ON";
