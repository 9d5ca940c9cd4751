/**
 * Texts compare by their octets, as in the other databases: order and case do not depend on where the database was made.
 */
export const TEXT = 'text collate "C"';
