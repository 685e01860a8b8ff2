// Prints what Helm makes of the charts in the folders that are given, with their default values.
package main

import (
	"fmt"
	"log"
	"os"
	"sort"

	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
)

func main() {
	for _, folder := range os.Args[1:] {
		chart, err := loader.Load(folder)
		if err != nil {
			log.Fatal(err)
		}
		values, err := chartutil.ToRenderValues(chart, nil, chartutil.ReleaseOptions{Name: "release", Namespace: "default", IsInstall: true}, nil)
		if err != nil {
			log.Fatal(err)
		}
		files, err := engine.Render(chart, values)
		if err != nil {
			log.Fatal(err)
		}
		names := make([]string, 0, len(files))
		for name := range files {
			names = append(names, name)
		}
		sort.Strings(names)
		for _, name := range names {
			fmt.Printf("---\n# %s\n%s\n", name, files[name])
		}
	}
}
