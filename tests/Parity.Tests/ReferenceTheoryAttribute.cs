using Xunit.Abstractions;
using Xunit.Sdk;

namespace Polymodal.Parity.Tests;

/// <summary>One test a recorded case of an area. A case that is not supported is skipped with its reason, which xunit 2 can only do when it discovers tests.</summary>
[XunitTestCaseDiscoverer("Polymodal.Parity.Tests.ReferenceTheoryDiscoverer", "Polymodal.Parity.Tests")]
[AttributeUsage(AttributeTargets.Method)]
public sealed class ReferenceTheoryAttribute(string area) : FactAttribute
{
    /// <summary>The area, a folder's name below a root.</summary>
    public string Area { get; } = area;
}

/// <summary>Finds the cases when tests are discovered.</summary>
/// <param name="messages">xunit's own.</param>
public sealed class ReferenceTheoryDiscoverer(IMessageSink messages) : IXunitTestCaseDiscoverer
{
    /// <inheritdoc/>
    public IEnumerable<IXunitTestCase> Discover(ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo factAttribute)
    {
        ArgumentNullException.ThrowIfNull(factAttribute);
        string area = (string)factAttribute.GetConstructorArguments().Single();
        TestMethodDisplay display = discoveryOptions.MethodDisplayOrDefault();
        TestMethodDisplayOptions displayOptions = discoveryOptions.MethodDisplayOptionsOrDefault();
        foreach (ReferenceCase reference in ReferenceRoots.Cases(area))
        {
            object[] arguments = [reference.Name, reference.Id];
            yield return reference.NotSupported is { } reason
                ? new XunitSkippedDataRowTestCase(messages, display, displayOptions, testMethod, reason, arguments)
                : new XunitTestCase(messages, display, displayOptions, testMethod, arguments);
        }
    }
}
