"""What carries the packets: namespaces, the network in them, netfilter, Envoy. It knows no object and no controller's
decision but the values that it is handed."""
