/** What the types of a browser lack, and what a bundler takes beside modules. Read by the type checker. */
declare module '*.css'

/** Of the client's requests, whose types are read with those of the page. */
interface RequestInit {
  duplex?: 'half'
}
