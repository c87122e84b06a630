/**
 * The beginning of a cell that a spreadsheet reads as a formula. The pattern of Papa Parse itself, which also looks at the rest of
 * the cell, does not match cells with a line feed.
 */
export const SPREADSHEET_FORMULA = /^[=+\-@\t\r]/;
