"""The component package: Pulumi runs this folder to serve the components to programs in any language."""

import sys

from pulumi.provider import main

from gke_nodrop.provider.host import Host

if __name__ == "__main__":
    main(Host(), sys.argv[1:])
