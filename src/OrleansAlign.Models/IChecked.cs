namespace OrleansAlign.Models;

/// <summary>Options with rules that their values must keep.</summary>
public interface IChecked
{
    /// <summary>What is wrong with these options, one sentence each with value, rule and key; empty if nothing is.</summary>
    IEnumerable<string> Problems();
}
