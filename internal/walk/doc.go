// Package walk is a test alone: it walks the whole path of a vulnerability, from the
// reporter's first word to the published advisory, in a browser in front of the
// whole program, as the people of the path would. What the browser complains about
// on the way fails it. With -update it takes the pictures that the documentation
// shows.
package walk
