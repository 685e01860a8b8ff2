// Prints what Argo CD says of the objects on standard input, one JSON after the other:
//
//	health  of each, whether it is healthy
//	drift   of each pair, as it is in the repository and as it is in the cluster, the name of those that are out of sync
//
// This is the last release of its engine as a module of its own. What it says of a StatefulSet's health has not changed since (Argo CD
// 3.6.1).
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/argoproj/gitops-engine/pkg/diff"
	"github.com/argoproj/gitops-engine/pkg/health"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func main() {
	command := ""
	if len(os.Args) == 2 {
		command = os.Args[1]
	}
	objects := readAll(os.Stdin)
	switch {
	case command == "health":
		for _, object := range objects {
			result, err := health.GetResourceHealth(object, nil)
			if err != nil {
				log.Fatal(err)
			}
			fmt.Println(result.Status)
		}
	case command == "drift" && len(objects)%2 == 0:
		for i := 0; i < len(objects); i += 2 {
			result, err := diff.Diff(objects[i], objects[i+1])
			if err != nil {
				log.Fatal(err)
			}
			if result.Modified {
				fmt.Println(objects[i].GetKind(), objects[i].GetName())
			}
		}
	default:
		log.Fatal("usage: argo-cd health|drift <OBJECTS")
	}
}

func readAll(input io.Reader) (objects []*unstructured.Unstructured) {
	decoder := json.NewDecoder(input)
	for {
		var text json.RawMessage
		if err := decoder.Decode(&text); err == io.EOF {
			return objects
		} else if err != nil {
			log.Fatal(err)
		}
		object := &unstructured.Unstructured{}
		if err := object.UnmarshalJSON(text); err != nil {
			log.Fatal(err)
		}
		objects = append(objects, object)
	}
}
