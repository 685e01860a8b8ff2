// Prints what Argo CD says of each object on standard input, one JSON after the other.
//
// This is the last release of its engine as a module of its own. What it says of a StatefulSet has not changed since (Argo CD 3.6.1).
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/argoproj/gitops-engine/pkg/health"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func main() {
	objects := json.NewDecoder(os.Stdin)
	for {
		var text json.RawMessage
		if err := objects.Decode(&text); err == io.EOF {
			return
		} else if err != nil {
			log.Fatal(err)
		}
		var object unstructured.Unstructured
		if err := object.UnmarshalJSON(text); err != nil {
			log.Fatal(err)
		}
		result, err := health.GetResourceHealth(&object, nil)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(result.Status)
	}
}
