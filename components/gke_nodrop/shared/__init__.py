"""What several families of components use: names and labels, addresses, the Namespace, resource options."""
