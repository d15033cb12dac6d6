/** The page in a real browser, over real processes. Its suites share one stand; run one of them with `-t`. */
import { describe } from 'vitest'
import { CHROMIUM, IN_CHROMIUM } from './open-browser.ts'
import { openStand } from './open-stand.ts'
import { describeJobs } from './suites/describe-jobs.ts'
import { describePlayground } from './suites/describe-playground.ts'
import { describeScreens } from './suites/describe-screens.ts'
import { describeWebhooks } from './suites/describe-webhooks.ts'

describe.skipIf(!CHROMIUM)(`the page ${IN_CHROMIUM}`, { timeout: 60_000 }, () => {
  const stand = openStand()
  describeScreens(stand)
  describePlayground(stand)
  describeJobs(stand)
  describeWebhooks(stand)
})
