#!/usr/bin/env node
// Millrace runs from its TypeScript source: tsx translates it as it is imported.
import { register } from 'tsx/esm/api'

register()
await import('../src/main.ts')
