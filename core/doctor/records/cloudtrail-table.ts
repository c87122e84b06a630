/**
 * The columns of the CloudTrail table in Athena that the view `records` reads, with their Hive types. The names are those
 * of the table in AWS's documentation (Athena User Guide, "Querying AWS CloudTrail logs"). Other fields are not read.
 */
export const cloudTrailColumns = {
  eventid: 'string',
  sharedeventid: 'string',
  eventtime: 'string',
  eventsource: 'string',
  eventname: 'string',
  eventcategory: 'string',
  awsregion: 'string',
  sourceipaddress: 'string',
  useragent: 'string',
  errorcode: 'string',
  errormessage: 'string',
  recipientaccountid: 'string',
  // JSON text. As structs they would end the query at the first record that has a value of another type.
  useridentity: 'string',
  requestparameters: 'string',
  additionaleventdata: 'string',
  tlsdetails: 'string',
} as const;

/** The partition column of the days, in the form yyyy/MM/dd. */
export const DAY_COLUMN = 'day';
