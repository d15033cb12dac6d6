/** What is served to browsers: the settings of the table that say it. Part of configSchema. */
import { flag, origins, setting } from './setting-kinds.ts'

export const browserSettings = {
  docs: setting('MILLRACE_DOCS', 'true', 'Serve /docs and /openapi.json, which need no key.', flag),
  ui: setting('MILLRACE_UI', 'true', 'Serve the web page at `/`. It needs no key; what it shows does.', flag),
  corsOrigins: setting(
    'MILLRACE_CORS_ORIGINS',
    '',
    'Origins whose pages may use the API from a browser, such as https://app.example.com, with commas between; `*`: all. They need a key of their own. Default: none.',
    origins,
  ),
}
