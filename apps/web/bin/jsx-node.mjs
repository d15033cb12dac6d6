/** What JSX becomes in the page: a call with the children behind one another takes less than one with a list of them. Named by bundle-page.mjs. */
export { createElement as jsxNode, Fragment as jsxFragment } from 'preact'
