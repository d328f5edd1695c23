// The official client for Go, and the AMQP engine below it, against the broker. Prints one JSON document.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/Azure/go-amqp"
)

func main() {
	if len(os.Args) == 1 {
		// Asked whether it is there.
		return
	}
	connectionString, port, user, key, hub := os.Args[1], os.Args[2], os.Args[3], os.Args[4], os.Args[5]
	total := must(strconv.Atoi(os.Args[6]))
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	result := map[string]any{
		"client": useClient(ctx, connectionString, total),
		"engine": useEngine(ctx, "amqp://localhost:"+port, user, key, hub),
	}
	fmt.Println(string(must(json.Marshal(result))))
}

func must[T any](value T, err error) T {
	check(err)
	return value
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// conditionOf is the condition with which the broker refused a link.
func conditionOf(err error) string {
	var refused *amqp.Error
	if errors.As(err, &refused) {
		return string(refused.Condition)
	}
	return fmt.Sprint(err)
}
