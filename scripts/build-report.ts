/** `npm run build:report`: bundles the report's page into report-app/built/page.ts. `npm ci` runs it too. */
import { buildReportPage } from './report-page.ts';

await buildReportPage();
