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
  useridentity:
    'struct<type:string,principalid:string,arn:string,accountid:string,accesskeyid:string,invokedby:string,sessioncontext:struct<sessionissuer:struct<arn:string>>>',
  /** JSON text. */
  requestparameters: 'string',
  /** JSON text. */
  additionaleventdata: 'string',
  tlsdetails: 'struct<clientprovidedhostheader:string>',
} as const;

/** The partition column of the days, in the form yyyy/MM/dd. */
export const DAY_COLUMN = 'day';
