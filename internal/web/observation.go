package web

import "tocsin/internal/ref"

func obsAddress(id ref.ID) string { return "/observations/" + string(id) }
