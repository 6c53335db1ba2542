package web

var riskSides = []side{{"risk", "Risk"}}
