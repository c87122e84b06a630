import { auditApp } from '../lib/audit-app.ts';

auditApp();
