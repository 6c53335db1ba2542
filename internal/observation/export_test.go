package observation

// Keys are the orders of lists, for tests.
var Keys = keys
